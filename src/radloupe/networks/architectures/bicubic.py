"""Bicubic enlargement as a row of the table: the baseline of every comparison."""

from radloupe.networks.architecture import Architecture
from radloupe.networks.layers.bicubic_upsampling import Bicubic

ROW = Architecture(Bicubic, (4, 2, 3, 8), "Keys, IEEE TASSP 29, 1981, equation 15 with a = -1/2", note="Nothing to train; any whole scale.")
