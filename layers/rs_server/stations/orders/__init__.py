"""Orders: what an archive holds offline is ordered, and comes online for some days (LTA ICD, ESA-EOPG-EOPGC-IF-2)."""
