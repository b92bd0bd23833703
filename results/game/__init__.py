"""The game behind a table: payoffs, equilibria, what they are worth and how sure that is, and learning in it."""
