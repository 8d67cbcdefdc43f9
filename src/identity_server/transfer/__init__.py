"""Identities in and out in bulk: from JSON, CSV and Keycloak's realm exports into the database, and back as JSON lines.

records         what one row may say
restoring       a row becomes an identity, with its ids, times and credentials
credentials     what is sealed in credentials, opened for export and sealed again
sources         files as rows, whatever their form
importing       batches, refusals, resumption
exporting       every identity as a line
"""
