/**
 * The variables that a worker is given, each for a reason; passwords, tokens and whatever else a shell holds are not
 * among them. `NODE_OPTIONS` least of all: an inspector flag in it would make the worker fight the extension host for
 * its port.
 */
const needed: readonly RegExp[] = [
  // Where programs, the user's files and temporary ones are; without the last three Node.js does not start on Windows.
  /^(PATH|HOME|USERPROFILE|TMPDIR|TEMP|TMP|SYSTEMROOT|SYSTEMDRIVE|WINDIR)$/,
  // The language and time zone of messages.
  /^(LANG|LANGUAGE|LC_[A-Z]+|TZ)$/,
  // Where the dynamic loader looks for the drivers' libraries.
  /^(LD_LIBRARY_PATH|DYLD_(FALLBACK_)?(LIBRARY|FRAMEWORK)_PATH)$/,
  // Which Vulkan drivers there are and where their descriptions lie, and where drivers keep compiled shaders.
  /^(VK_\w+|XDG_(DATA|CONFIG)_(HOME|DIRS)|XDG_CACHE_HOME|LOCALAPPDATA|PROGRAMDATA)$/,
  // Which card is taken, and how its driver works.
  /^(CUDA_\w+|NVIDIA_\w+|__NV_PRIME_\w+|__VK_LAYER_NV_optimus|__GLX_VENDOR_LIBRARY_NAME|DRI_PRIME|MESA_\w+|GALLIUM_DRIVER|LP_NUM_THREADS|LIBGL_\w+|RADV_\w+|AMD_VULKAN_ICD)$/,
  // The display, which some drivers open their device by.
  /^(DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_RUNTIME_DIR)$/,
  // Threads and memory of what computes.
  /^(OMP_\w+|ORT_\w+|UV_THREADPOOL_SIZE|MALLOC_\w+)$/,
  // Ours.
  /^FACTORLENS_\w+$/,
];

/**
 * The environment a worker is started with, and whatever it starts itself: what it needs of its parent's, and nothing
 * else. Under Electron the executable is told to be Node.
 */
export function workerEnvironment(parent: NodeJS.ProcessEnv, electron: boolean): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(parent)) {
    // Windows spells some names in several ways, `Path` and `SystemRoot`.
    const spelled = process.platform === 'win32' ? name.toUpperCase() : name;
    if (needed.some((pattern) => pattern.test(spelled))) {
      environment[name] = value;
    }
  }
  if (electron) {
    environment['ELECTRON_RUN_AS_NODE'] = '1';
  }
  return environment;
}
