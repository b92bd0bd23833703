"""Who is best: five ways to rank one table, and who cannot be told apart."""
