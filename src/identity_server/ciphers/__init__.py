"""Secrets at work: ciphers for what is stored, signatures and sealed tokens for what is handed out.

Where to look:
    comparison   the one constant-time comparison
    cipher       what every cipher offers, its errors, and how to build the configured one
    at_rest      texts in the database
    aead         AES-256-GCM and XChaCha20-Poly1305 over a list of secrets
    signing      keys per purpose, HMACs, sealed tokens
    errors       what can go wrong
"""
