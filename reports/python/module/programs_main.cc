// The doors to the programs of a wheel, whose code is in the module so that it is there once:
// program.c calls them.

// What is called main in the programs' own files (python.cmake).
int gridproof_main(int argc, char** argv);
int plugin_main(int argc, char** argv);

extern "C" {
[[gnu::visibility("default")]] int gridproof(int argc, char** argv);
[[gnu::visibility("default")]] int gridproof_plugin(int argc, char** argv);
}

int gridproof(int argc, char** argv) { return gridproof_main(argc, argv); }
int gridproof_plugin(int argc, char** argv) { return plugin_main(argc, argv); }
