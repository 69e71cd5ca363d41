// The command's entry, apart from the driver so that tests can link all the rest.
#include "driver/driver.h"

int main(int argc, char **argv) {
    return driver_main(argc, argv);
}
