"""What people read: catalogues of sentences, and how dates, money and countries are written."""
