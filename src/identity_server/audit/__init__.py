"""The audit trail: who did what to which identity from where. An addition to what Kratos has, off unless configured."""
