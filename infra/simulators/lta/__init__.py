"""LTA: long-term archives, where most products must be ordered before they can be fetched."""
