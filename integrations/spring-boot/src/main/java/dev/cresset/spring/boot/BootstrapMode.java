package dev.cresset.spring.boot;

/** When a model is opened, while an application starts or later. */
public enum BootstrapMode {

    /** With the other beans: an application that has started has it, and one whose model cannot be opened does not start. */
    DEFAULT,

    /**
     * On a thread of its own, one model after the other, while the application goes on to start. Health is out of service until it is
     * there, and stays so if it cannot be opened. Whoever takes the bean before waits for it: inject an {@code ObjectProvider}.
     */
    DEFERRED,

    /** When the bean is first asked for. */
    LAZY
}
