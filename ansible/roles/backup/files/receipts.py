"""Say the number of the newest receipt in the academy's database; 0: nobody has handed in."""

from bitgoeul.backup.databases import newest_receipt
from bitgoeul.database import Database
from bitgoeul.settings import load

print(newest_receipt(Database(load().database_url)))
