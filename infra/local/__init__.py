"""The laptop cloud: a search engine, an AWS emulator, station simulators, and the deployment of template.yaml there."""
