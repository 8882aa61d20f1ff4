# SPDX-License-Identifier: MIT
# Times against the number of adapters, each with 256 domains: flat or linear, never worse.
set terminal pngcairo size 900,500
set output png
set logscale xy
set xlabel 'adapters, each with 256 domains'
set ylabel 'microseconds'
set key outside right
set grid
set xtics (2, 16, 64, 256)
plot growth using 1:4 skip 1 with linespoints title 'mount until it answers', \
     growth using 1:7 skip 1 with linespoints title 'mask write that moves all queues', \
     growth using 1:8 skip 1 with linespoints title 'read of an attribute', \
     growth using 1:9 skip 1 with linespoints title 'stat', \
     growth using 1:6 skip 1 with linespoints title 'cold find, an entry'
