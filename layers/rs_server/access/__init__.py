"""Who is calling and what they may do: principals, credentials, grants, and the one decision function."""
