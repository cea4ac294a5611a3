"""The access table by noun: keys, users, groups, grants, bearer tokens, failed attempts, the audit trail.

All of it is synchronous, because boto3 is: the authorizer calls it as it is, the services in a thread.
"""
