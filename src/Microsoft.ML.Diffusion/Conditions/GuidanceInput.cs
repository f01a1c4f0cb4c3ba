using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>An input of a guidance, such as its scale; no condition of the network. NaN in any place means that the guidance's own default holds for the row.</summary>
/// <param name="Name">What the numbers are.</param>
/// <param name="Size">How many numbers a row takes; at least 1.</param>
public sealed record GuidanceInput(string Name, int Size) : ConditionSlot(Name)
{
    /// <summary>What the numbers are, and so what a column that gives them may hold. Plain numbers unless set.</summary>
    [JsonInclude]
    public GuidanceContent Content { get; private init; }

    /// <summary>The condition whose values it takes; null unless its content is <see cref="GuidanceContent.Condition"/>.</summary>
    [JsonInclude]
    public ConditionSlot? Condition { get; private init; }

    /// <summary>The shape of data and masks; null for other contents.</summary>
    [JsonInclude]
    public DataShape? Shape { get; private init; }

    /// <summary>Whether rows give it; where not, the default holds for all of them, and nothing is read. True unless set.</summary>
    public bool IsGiven { get; init; } = true;

    /// <inheritdoc/>
    public override int Width => Size;

    /// <inheritdoc/>
    public override float Missing => float.NaN;

    /// <summary>Data as the model was trained on it, in model space.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="shape">The shape of a sample.</param>
    public static GuidanceInput Data(string name, DataShape shape) => OfShape(name, shape, GuidanceContent.Data);

    /// <summary>A mask in [0, 1] over a sample.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="shape">The shape of a sample.</param>
    public static GuidanceInput Mask(string name, DataShape shape) => OfShape(name, shape, GuidanceContent.Mask);

    /// <summary>A class of a known number: 1 … <paramref name="classes"/>; 0 or NaN for none, as in ML.NET's keys.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="classes">The number of classes; at least 1.</param>
    /// <param name="values">What the classes are; null where that is not known.</param>
    public static GuidanceInput Class(string name, int classes, Vocabulary? values = null) => Like(name, new ClassCondition(name, classes) { Values = values });

    /// <summary>A value of a condition of the network, beside the row's own.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="condition">The condition.</param>
    public static GuidanceInput Like(string name, ConditionSlot condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return new GuidanceInput(name, condition.Width) { Content = GuidanceContent.Condition, Condition = condition };
    }

    private static GuidanceInput OfShape(string name, DataShape shape, GuidanceContent content)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new GuidanceInput(name, shape.Size) { Content = content, Shape = shape };
    }
}
