"""The public and the admin application: requests in, answers out."""
