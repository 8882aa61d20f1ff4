# The corpus' words for a machine, as the line form of core/machine.h
s/#.*//
/^[[:space:]]*$/d
s/state=deconfig/state=deconfigured/
s/state=chkstop/state=checkstopped/
s/ fac=/ func=/
s/^resetdelay/reset_delay/
s/^noreply/no_reply/
1i new
