package dev.cresset.spring.boot;

import dev.cresset.Handler;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.spring.boot.ModelOpeningException.Kind;
import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/**
 * What a property {@code handler} refers to: a bean, a class, or a word of ours, looked for in this order.
 *
 * @param type a {@link Handler}'s type, or a {@link HandlerFactory}'s
 */
record HandlerReference(ResolvableType type, Source source) {

    /** Makes the handler. */
    interface Source {
        /**
         * A handler for an archive, or for a file alone.
         *
         * @param archive null for a file alone
         */
        Handler<?, ?> open(@Nullable ModelArchive archive) throws IOException;
    }

    /** What it refers to, as far as beans are known by now; for rows of so many numbers, where that is known. */
    static Optional<HandlerReference> find(
            String name, Optional<Integer> columns, ConfigurableListableBeanFactory beans) {
        if (beans.containsBean(name)) {
            return Optional.of(ofBean(name, beans));
        }
        if (name.equals("floats")) {
            return Optional.of(new HandlerReference(
                    ResolvableType.forClassWithGenerics(Handler.class, float[].class, float[].class),
                    archive -> columns.map(TensorHandler::ofFloats).orElseGet(TensorHandler::ofFloats)));
        }
        if (name.equals("tensors")) {
            return Optional.of(new HandlerReference(
                    ResolvableType.forClassWithGenerics(Handler.class, Tensor.class, Tensor.class),
                    archive -> TensorHandler.of()));
        }
        try {
            return Optional.of(ofClass(ClassUtils.forName(name, beans.getBeanClassLoader()), beans));
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }

    /** A predictor's type, or a registry's, of what the handler takes and answers; of nothing known, where it does not say. */
    ResolvableType of(Class<?> generic) {
        Class<?> declared = type.as(Handler.class).resolve() == null ? HandlerFactory.class : Handler.class;
        ResolvableType[] generics = type.as(declared).getGenerics();
        if (generics.length != 2 || type.as(declared).hasUnresolvableGenerics()) {
            return ResolvableType.forClass(generic);
        }
        return ResolvableType.forClassWithGenerics(generic, generics);
    }

    private static HandlerReference ofBean(String name, ConfigurableListableBeanFactory beans) {
        return new HandlerReference(declaredType(name, beans), archive -> handler(beans.getBean(name), archive));
    }

    /** With its generics, which a class alone does not have. */
    private static ResolvableType declaredType(String name, ConfigurableListableBeanFactory beans) {
        Class<?> type = beans.getType(name, /* allowFactoryBeanInit= */ false);
        if (beans.containsBeanDefinition(name)) {
            ResolvableType declared = beans.getMergedBeanDefinition(name).getResolvableType();
            if (declared.resolve() != null) {
                return declared;
            }
        }
        return ResolvableType.forClass(type);
    }

    private static HandlerReference ofClass(Class<?> type, ConfigurableListableBeanFactory beans) {
        Method of = ClassUtils.getMethodIfAvailable(type, "of", ModelArchive.class);
        if (of != null && Modifier.isStatic(of.getModifiers()) && Handler.class.isAssignableFrom(of.getReturnType())) {
            return new HandlerReference(
                    ResolvableType.forMethodReturnType(of), archive -> invoke(of, required(archive, type::getName)));
        }
        return new HandlerReference(ResolvableType.forClass(type), archive -> handler(beans.createBean(type), archive));
    }

    private static Handler<?, ?> handler(Object found, @Nullable ModelArchive archive) throws IOException {
        if (found instanceof Handler<?, ?> handler) {
            return handler;
        }
        if (found instanceof HandlerFactory<?, ?> factory) {
            return factory.open(required(archive, () -> "a HandlerFactory"));
        }
        throw new IllegalArgumentException(found.getClass().getName() + " is neither a Handler nor a HandlerFactory");
    }

    private static ModelArchive required(@Nullable ModelArchive archive, Supplier<String> who) {
        if (archive == null) {
            throw new IllegalArgumentException(
                    who.get() + " makes a handler of an archive, and this model is a file alone");
        }
        return archive;
    }

    private static Handler<?, ?> invoke(Method of, ModelArchive archive) throws IOException {
        try {
            return (Handler<?, ?>) of.invoke(null, archive);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalArgumentException(of + " failed: " + e.getCause(), e);
        } catch (IllegalAccessException e) {
            throw new IllegalArgumentException(of + " cannot be called: " + e.getMessage(), e);
        }
    }

    /** Nothing has that name. */
    static ModelOpeningException unknown(String property, String name, ConfigurableListableBeanFactory beans) {
        return new ModelOpeningException(
                Kind.HANDLER,
                property,
                "there is no bean and no class '" + name + "'; beans that would do: "
                        + Arrays.asList(beans.getBeanNamesForType(Handler.class, false, false)) + " and "
                        + Arrays.asList(beans.getBeanNamesForType(HandlerFactory.class, false, false)));
    }
}
