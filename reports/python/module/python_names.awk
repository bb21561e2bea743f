# Of readelf's list of the symbols of the module, those of Python that others must have, as C that has them.
$7 == "UND" && $8 ~ /^_?Py/ { print "char " $8 ";" }
