"""Jobs: documents that somebody asks for and a worker makes."""
