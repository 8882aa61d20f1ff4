/* SPDX-License-Identifier: MIT */
#include "fs/thread.h"

#include <pthread.h>
#include <signal.h>

int thread_start(void *(*run)(void *), void *arg)
{
	sigset_t all, before;
	pthread_t thread;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == 0)
		pthread_detach(thread);
	return -rc;
}
