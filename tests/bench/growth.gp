# SPDX-License-Identifier: MIT
# Times against the number of adapters, each with 256 domains, and of mdevs: flat or linear, never worse.
set terminal svg size 1000,800 background 'white'
set output svg
set multiplot layout 2,1
set ylabel 'microseconds'
set key outside right
set grid
set xlabel 'adapters, each with 256 domains'
set logscale xy
set xtics (2, 16, 64, 256)
set xrange [1.5:340]
plot growth using 1:4 skip 1 with linespoints title 'mount until it answers', \
     growth using 1:7 skip 1 with linespoints title 'mask write that moves all queues', \
     growth using 1:11 skip 1 with linespoints title 'mdev created and removed', \
     growth using 1:10 skip 1 with linespoints title 'write of an attribute', \
     growth using 1:8 skip 1 with linespoints title 'read of an attribute', \
     growth using 1:6 skip 1 with linespoints title 'cold find, an entry', \
     growth using 1:9 skip 1 with linespoints title 'stat'
unset logscale
set xtics autofreq
set xrange [0:*]
set xlabel 'mdevs there are'
set yrange [0:*]
plot mdevs using 1:2 skip 1 with lines title 'create', \
     mdevs using 1:3 skip 1 with lines title 'assign', \
     mdevs using 1:4 skip 1 with lines title 'remove'
