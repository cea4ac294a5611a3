"""The access service: keys, grants, users, groups, the audit trail, and who the caller is."""
