# The corpus' words for a machine, as the line form of core/machine.h
1i new
s/#.*//
/^[[:space:]]*$/d
s/state=deconfig/state=deconfigured/
s/state=chkstop/state=checkstopped/
s/ fac=/ func=/
s/^resetdelay/reset_delay/
s/^noreply/no_reply/
