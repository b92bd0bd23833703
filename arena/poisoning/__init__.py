"""Poisoning: what the attacker of a training set is shown, and the referee that counts what it touched."""
