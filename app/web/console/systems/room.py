"""Every page of indicator systems, to be hung into the console."""

from app.web.console.systems import (
    beginning,
    editor,
    finishing,
    shelf,
    weights,
)

ROUTERS = (
    shelf.router,
    beginning.router,
    finishing.router,
    weights.router,
    editor.router,
)
