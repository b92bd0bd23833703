"""Signs that an attack was weak and not the defence strong."""
