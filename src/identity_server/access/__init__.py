"""Who may do what with the admin API: keys with names, scopes and an end."""
