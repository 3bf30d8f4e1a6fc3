/*
 * The system's linker, as dev.cresset.torch.libraries.Linker calls it: loads libraries for the whole process and for good, where
 * System.load would tie each to one class loader and unload it with that. This library needs nothing but libc and keeps
 * nothing, so that each class loader may have a copy of its own.
 *
 * Texts cross as bytes, in whatever encoding the system's names have.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <jni.h>
#include <link.h>
#include <limits.h>
#include <string.h>

#ifndef CRESSET_SOURCE_DIGEST
#error "build with build-bridge.sh, which says what the library is built from"
#endif

enum { LONGEST = PATH_MAX };

static const char *text(JNIEnv *env, jbyteArray bytes, char *buffer) {
    jsize length = (*env)->GetArrayLength(env, bytes);
    if (length >= LONGEST) {
        length = LONGEST - 1;
    }
    (*env)->GetByteArrayRegion(env, bytes, 0, length, (jbyte *)buffer);
    buffer[length] = '\0';
    return buffer;
}

static jbyteArray bytes(JNIEnv *env, const char *text) {
    jsize length = (jsize)strlen(text);
    jbyteArray array = (*env)->NewByteArray(env, length);
    if (array != NULL) {
        (*env)->SetByteArrayRegion(env, array, 0, length, (const jbyte *)text);
    }
    return array;
}

/* The digest of this file; a test holds it against the file itself. */
JNIEXPORT jstring JNICALL Java_dev_cresset_torch_libraries_Linker_sourceDigest(JNIEnv *env, jclass caller) {
    return (*env)->NewStringUTF(env, CRESSET_SOURCE_DIGEST);
}

/* Where the library of this name, as it calls itself, was loaded from; null if there is none in the process. */
JNIEXPORT jbyteArray JNICALL Java_dev_cresset_torch_libraries_Linker_find(JNIEnv *env, jclass caller, jbyteArray name) {
    char buffer[LONGEST];
    struct link_map *map = NULL;
    jbyteArray found = NULL;
    void *library = dlopen(text(env, name, buffer), RTLD_LAZY | RTLD_NOLOAD);
    if (library == NULL) {
        return NULL;
    }
    if (dlinfo(library, RTLD_DI_LINKMAP, &map) == 0) {
        found = bytes(env, map->l_name);
    }
    dlclose(library);
    return found;
}

/* Loads a file for good. Returns what is wrong, or null. */
JNIEXPORT jbyteArray JNICALL Java_dev_cresset_torch_libraries_Linker_open(JNIEnv *env, jclass caller, jbyteArray file) {
    char buffer[LONGEST];
    return dlopen(text(env, file, buffer), RTLD_LAZY | RTLD_NODELETE) != NULL ? NULL : bytes(env, dlerror());
}

/* Binds the native methods of a class by the library of this name, which is loaded. Returns what is wrong, or null. */
JNIEXPORT jbyteArray JNICALL Java_dev_cresset_torch_libraries_Linker_bind(
    JNIEnv *env, jclass caller, jbyteArray name, jclass bridge) {
    char buffer[LONGEST];
    jint (*bind)(JNIEnv *, jclass) = NULL;
    void *library = dlopen(text(env, name, buffer), RTLD_LAZY | RTLD_NOLOAD);
    if (library != NULL) {
        *(void **)&bind = dlsym(library, "cresset_bind");
        dlclose(library); /* it stays: it was opened for good */
    }
    if (bind == NULL) {
        return bytes(env, dlerror());
    }
    bind(env, bridge);
    return NULL;
}
