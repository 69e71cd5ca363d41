// driver: the command `flowc`: options, the passes in their order, what is printed, exit statuses.
//
// Includes every room of the compiler and of the runtime. A Compile lives for one program; its arena owns
// what the passes make.
#ifndef FLOW_DRIVER_H
#define FLOW_DRIVER_H

// The whole of flowc; gives back the exit status of LANGUAGE 10.
int driver_main(int argc, char **argv);

#endif
