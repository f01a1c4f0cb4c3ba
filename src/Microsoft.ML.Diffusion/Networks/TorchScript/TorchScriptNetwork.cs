using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A network in a TorchScript file, as <c>torch.jit.save</c> writes it. The model keeps the file; its parameters start with the file's values, are trained and saved like any other's.
/// </summary>
/// <remarks>
/// <para>
/// The module's <c>forward(x, level, ...)</c> takes x [B, ...] and level [B] (what <see cref="LevelInput"/> says), both Float32, and then each condition: a class as Int64 [B], 0 where missing; a
/// vector as two values, its numbers [B, size], zeros where missing, and [B, 1], 1 where present; a sequence as two, its tokens [B, tokens, width] and their mask [B, tokens]. It answers with the
/// shape of x. It runs as in evaluation: dropout does nothing, and normalisations of batches use the file's statistics. It computes in Float32.
/// </para>
/// <para>
/// A TorchScript file is a program. This one is checked before libtorch sees it: its code may use operators that compute on tensors, and nothing else. A model that holds one is loaded where the program
/// allows it (<see cref="TorchScriptConsent"/>). Errors of the module are found in a trial with zeros before training. Thread safe.
/// </para>
/// </remarks>
public sealed class TorchScriptNetwork : Network, IJsonOnDeserialized
{
    private readonly TorchScriptOperation _operation;

    /// <summary>A network of a file's content.</summary>
    /// <param name="module">The content of the file.</param>
    /// <exception cref="ArgumentException">It is no TorchScript file, or does something else than compute.</exception>
    [JsonConstructor]
    public TorchScriptNetwork(ReadOnlyMemory<byte> module)
    {
        Module = module;
        _operation = new TorchScriptOperation(new TorchScriptFile(module));
    }

    /// <summary>The content of the file.</summary>
    public ReadOnlyMemory<byte> Module { get; }

    /// <summary>Whether the module answers with the variance of a reverse step too: twice the channels of x. False unless given.</summary>
    public bool WithVariance { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool LearnsVariance => WithVariance;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool NeedsFloat32 => true;

    /// <summary>Reads a file.</summary>
    /// <param name="path">A file that <c>torch.jit.save</c> wrote.</param>
    /// <exception cref="ArgumentException">It is no TorchScript file, or does something else than compute.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static TorchScriptNetwork FromFile(string path) => TorchScriptFile.Read(path, module => new TorchScriptNetwork(module));

    /// <inheritdoc/>
    public override void Validate(DataShape shape) => ArgumentNullException.ThrowIfNull(shape);

    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        List<T> inputs = [x, level];
        foreach (var condition in conditions)
        {
            inputs.Add(condition.Value);
            if (condition.Slot is SequenceCondition)
                inputs.Add(condition.Mask!);
            else if (condition.Slot is not ClassCondition)
                inputs.Add(condition.Present);
        }
        return ops.Custom(_operation, inputs);
    }

    /// <inheritdoc/>
    void IJsonOnDeserialized.OnDeserialized() => TorchScriptConsent.RequireForModel("its network");
}
