"""The commands: each a thin shell over one public function. Imports wait until a command needs them."""
