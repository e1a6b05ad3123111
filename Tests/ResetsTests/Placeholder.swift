import Resets
