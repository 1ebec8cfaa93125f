"""Every page of indicator systems, to be hung into the console."""

from app.web.console.systems import (
    beginning,
    cover,
    deductions,
    editor,
    finishing,
    grades,
    parts,
    shelf,
    weights,
)

ROUTERS = (
    shelf.router,
    beginning.router,
    finishing.router,
    cover.router,
    parts.router,
    deductions.router,
    grades.router,
    weights.router,
    editor.router,
)
