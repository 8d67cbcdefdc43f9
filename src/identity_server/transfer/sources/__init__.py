"""Files as rows: JSON lines, JSON lists, CSV tables, Keycloak's realm exports."""
