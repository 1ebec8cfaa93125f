"""Who works here and what each may do: roles, the tree of offices, the one policy. Pure."""
