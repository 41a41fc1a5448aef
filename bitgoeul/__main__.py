"""`python -m bitgoeul` is `bitgoeul`."""

from bitgoeul.cli.main import main

main()
