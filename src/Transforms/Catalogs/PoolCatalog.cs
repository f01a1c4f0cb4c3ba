using System.Runtime.CompilerServices;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Pools of generators.</summary>
public static class PoolCatalog
{
    /// <summary>Serves a saved generator to many callers, several requests in one batch of the network.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The model file, as <c>d.SaveGenerator</c> writes it.</param>
    /// <param name="engines">
    /// How many batches are computed at the same time; 1 is best on a processor (see <see cref="GeneratorPoolOptions.Engines"/>).
    /// </param>
    /// <typeparam name="TRequest">A row as the generator reads it, with a seed.</typeparam>
    /// <typeparam name="TSample">What a request gets.</typeparam>
    /// <exception cref="FormatException">The file holds no model that can be loaded; names it and says why.</exception>
    /// <exception cref="ArgumentException">The model does not suit such requests; says why.</exception>
    public static GeneratorPool<TRequest, TSample> Pool<TRequest, TSample>(
        this DiffusionGeneratorsCatalog catalog, string path, int engines = 1)
        where TRequest : class
        where TSample : class, new()
        => catalog.Pool<TRequest, TSample>(path, new GeneratorPoolOptions { Engines = engines });

    /// <summary>Serves a saved generator to many callers, several requests in one batch of the network.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The model file, as <c>d.SaveGenerator</c> writes it.</param>
    /// <param name="options">How.</param>
    /// <inheritdoc cref="Pool{TRequest, TSample}(DiffusionGeneratorsCatalog, string, int)" path="/typeparam"/>
    /// <exception cref="FormatException">The file holds no model that can be loaded; names it and says why.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model does not suit such requests; says why.</exception>
    // new() { … } could be a number: here it is options.
    [OverloadResolutionPriority(1)]
    public static GeneratorPool<TRequest, TSample> Pool<TRequest, TSample>(
        this DiffusionGeneratorsCatalog catalog, string path, GeneratorPoolOptions options)
        where TRequest : class
        where TSample : class, new()
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        options.Checked();
        return ModelFile.Load(catalog.Environment, path, model => catalog.Pool<TRequest, TSample>(model, options));
    }

    /// <summary>Serves a model to many callers, several requests in one batch of the network.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model, which the pool takes over and disposes.</param>
    /// <param name="engines">
    /// How many batches are computed at the same time; 1 is best on a processor (see <see cref="GeneratorPoolOptions.Engines"/>).
    /// </param>
    /// <inheritdoc cref="Pool{TRequest, TSample}(DiffusionGeneratorsCatalog, string, int)" path="/typeparam"/>
    /// <exception cref="ArgumentException">
    /// The number is out of range, or the model does not suit such requests; says why. The model stays the caller's then.
    /// </exception>
    public static GeneratorPool<TRequest, TSample> Pool<TRequest, TSample>(
        this DiffusionGeneratorsCatalog catalog, ITransformer model, int engines)
        where TRequest : class
        where TSample : class, new()
        => catalog.Pool<TRequest, TSample>(model, new GeneratorPoolOptions { Engines = engines });

    /// <summary>Serves a model to many callers, several requests in one batch of the network.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model, which the pool takes over and disposes.</param>
    /// <param name="options">How; the defaults unless given.</param>
    /// <inheritdoc cref="Pool{TRequest, TSample}(DiffusionGeneratorsCatalog, string, int)" path="/typeparam"/>
    /// <exception cref="ArgumentException">
    /// An option is out of range, or the model does not suit such requests; says why. The model stays the caller's then.
    /// </exception>
    [OverloadResolutionPriority(1)]
    public static GeneratorPool<TRequest, TSample> Pool<TRequest, TSample>(
        this DiffusionGeneratorsCatalog catalog, ITransformer model, GeneratorPoolOptions? options = null)
        where TRequest : class
        where TSample : class, new()
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        return new GeneratorPool<TRequest, TSample>(catalog.Environment, model, options ?? new GeneratorPoolOptions());
    }
}
