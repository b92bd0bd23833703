"""Attacks as decisions, step by step: what an agent sees of an example, what it may do to it, and agents that learn it."""
