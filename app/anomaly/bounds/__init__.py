"""How far a score can be off: worst cases, answers that would move it, a sample beside it."""
