"""What is said of mistakes in systems and inputs and of doubtful scores, in two languages."""
