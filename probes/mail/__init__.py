"""The study's mailboxes: fetching what arrived, placing it, and the domain the mail is sent under."""
