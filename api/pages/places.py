"""Places of the site that stand in the navigation and on the start page, and who sees them."""

from __future__ import annotations

from api.pages.labels import marked

# Path, name, what it is for, and the permission without which nobody sees it.
PLACES = (
    ("/areas", marked("Areas"), marked("The network: city, districts, streets, communities."), "areas.write"),
    ("/venues", marked("Venues"), marked("Houses that lend rooms, and when."), "venues.read"),
    ("/volunteers", marked("Volunteers"), marked("People who offer hours and skills."), "volunteers.read"),
    ("/requests", marked("Requests"), marked("Courses that communities ask for."), "requests.read"),
)
