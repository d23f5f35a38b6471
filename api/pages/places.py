"""Places of the site that stand in the navigation and on the start page, and who sees them."""

from __future__ import annotations

from api.pages.labels import marked

# Path, name, what it is for, and the permission without which nobody sees it.
PLACES = (
    ("/areas", marked("Areas"), marked("The network: city, districts, streets, communities."), "areas.write"),
    ("/venues", marked("Venues"), marked("Houses that lend rooms, and when."), "venues.read"),
    ("/volunteers", marked("Volunteers"), marked("People who offer hours and skills."), "volunteers.read"),
    ("/requests", marked("Requests"), marked("Courses that communities ask for."), "requests.read"),
    (
        "/administration",
        marked("Administration"),
        marked("Accounts, calendars, the catalogue, imports and exports."),
        "accounts.read",
    ),
)
# What is rarely used stands on one page, so that the navigation stays short.
ADMINISTRATION = (
    ("/accounts", marked("Accounts"), marked("Who may sign in, with which roles."), "accounts.read"),
    (
        "/catalogue",
        marked("Catalogue"),
        marked("Topics, kinds of learning, forms and audiences."),
        "catalogue.write",
    ),
    ("/day-types", marked("Day types"), marked("Holidays, make-up days and school days."), "day-types.write"),
    ("/checks", marked("Background checks"), marked("Whose check runs out, and when."), "volunteers.read"),
    (
        "/imports",
        marked("Imports"),
        marked("Read tables of venues, volunteers, requests and more."),
        "imports.write",
    ),
    ("/exports", marked("Exports"), marked("Save what is registered as tables."), "exports.data"),
    (
        "/feeds",
        marked("Calendar feeds"),
        marked("Addresses that calendars fetch; end those that are not needed."),
        "feeds.read",
    ),
    (
        "/jobs",
        marked("Jobs"),
        marked("Plans and questions that run, and those that have ended."),
        "jobs.read",
    ),
    ("/history", marked("History"), marked("Who changed what, when and why."), "events.read"),
    ("/tokens", marked("Tokens"), marked("Keys for programs that read or write here."), "tokens.read"),
)
