"""Whether a server can do its work where it stands: what ``kratos doctor`` looks at."""
