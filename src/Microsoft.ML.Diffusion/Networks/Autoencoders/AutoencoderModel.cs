using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A trained autoencoder: pictures to latents as a diffusion model sees them, and back.</summary>
/// <remarks>Owns its parameters. Thread safe. Records no gradients.</remarks>
public sealed class AutoencoderModel : IDisposable
{
    private readonly NetworkTables _tables;
    private readonly ConcurrentDictionary<(bool Encodes, int Rows), NetworkProgram> _programs = new();

    /// <summary>An autoencoder and its parameters.</summary>
    /// <param name="autoencoder">The architecture.</param>
    /// <param name="shape">The shape of a picture.</param>
    /// <param name="parameters">The parameters, of <see cref="Autoencoder.ListParameters"/>; the model disposes them.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other; says which.</exception>
    public AutoencoderModel(Autoencoder autoencoder, DataShape shape, FlatParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(autoencoder);
        ArgumentNullException.ThrowIfNull(parameters);
        LatentShape = autoencoder.LatentShape(shape);
        if (!autoencoder.ListParameters(shape).Select(parameter => parameter.ToString()).SequenceEqual(parameters.Inventory.Select(parameter => parameter.ToString())))
            throw new ArgumentException("The parameters are not those of the autoencoder.", nameof(parameters));
        Autoencoder = autoencoder;
        Shape = shape;
        Parameters = parameters;
        _tables = new NetworkTables(parameters.Device);
    }

    /// <summary>The architecture.</summary>
    public Autoencoder Autoencoder { get; }

    /// <summary>The shape of a picture.</summary>
    public DataShape Shape { get; }

    /// <summary>The shape of its latents.</summary>
    public DataShape LatentShape { get; }

    /// <summary>The parameters, owned by this model.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>The likeliest latents of pictures, shifted and scaled for a diffusion model.</summary>
    /// <param name="x">Pictures [B, C, H, W] in [−1, 1].</param>
    /// <returns>[B, ...] of <see cref="LatentShape"/>, Float32, a fresh tensor.</returns>
    public Tensor Encode(Tensor x)
    {
        int rows = CheckBatch(x, Shape);
        var program = _programs.GetOrAdd((true, rows), _ => Trace(rows, Shape, Encode));
        return Run(program, x, Encode);
    }

    /// <summary>The pictures of latents of a diffusion model.</summary>
    /// <param name="latents">[B, ...] of <see cref="LatentShape"/>.</param>
    /// <returns>[B, C, H, W], about in [−1, 1], Float32, a fresh tensor.</returns>
    public Tensor Decode(Tensor latents)
    {
        int rows = CheckBatch(latents, LatentShape);
        var program = _programs.GetOrAdd((false, rows), _ => Trace(rows, LatentShape, Decode));
        return Run(program, latents, Decode);
    }

    /// <summary>Releases the parameters.</summary>
    public void Dispose()
    {
        Parameters.Dispose();
        _tables.Dispose();
    }

    private ShapeValue Encode(ShapeOps ops, ShapeValue x) => Encode<ShapeValue>(ops, x);

    private TorchValue Encode(TorchOps ops, TorchValue x) => Encode<TorchValue>(ops, x);

    private ShapeValue Decode(ShapeOps ops, ShapeValue x) => Decode<ShapeValue>(ops, x);

    private TorchValue Decode(TorchOps ops, TorchValue x) => Decode<TorchValue>(ops, x);

    private T Encode<T>(IOps<T> ops, T x)
        => ops.Scale(Autoencoder.Latents(ops, Autoencoder.Encode(ops, x)), Autoencoder.LatentScale, -Autoencoder.LatentShift * Autoencoder.LatentScale);

    private T Decode<T>(IOps<T> ops, T latents)
        => Autoencoder.Decode(ops, ops.Scale(latents, 1 / Autoencoder.LatentScale, Autoencoder.LatentShift), Shape.Dimensions[0]);

    private NetworkProgram Trace(int rows, DataShape shape, Func<ShapeOps, ShapeValue, ShapeValue> function)
        => NetworkProgram.Trace(ops => function(ops, ShapeOps.Input(ValueKind.Full, [rows, .. shape.Dimensions])), Parameters.Inventory);

    private Tensor Run(NetworkProgram program, Tensor x, Func<TorchOps, TorchValue, TorchValue> function)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var ops = new TorchOps(program, Parameters, _tables, null);
        return ops.Finish(function(ops, TorchOps.Input(x.to(ScalarType.Float32)))).MoveToOuterDisposeScope();
    }

    private int CheckBatch(Tensor x, DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.dim() != 4 || x.size(0) < 1 || !x.shape.AsSpan(1).SequenceEqual(shape.Batch(1).AsSpan(1)))
            throw new ArgumentException($"The autoencoder takes batches {shape}, got [{string.Join(", ", x.shape)}].", nameof(x));
        if (x.device_type != Parameters.Device.type || !x.is_floating_point())
            throw new ArgumentException($"The autoencoder takes real numbers on {Parameters.Device}, got {x.dtype} on {x.device}.", nameof(x));
        return (int)x.size(0);
    }
}
