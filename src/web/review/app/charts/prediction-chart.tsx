import { formatMs, formatPercent } from '../../../../base/units.ts';
import type { PredictedNetwork } from '../../../../report/pages/table-page.ts';
import { Chart } from './chart.tsx';
import { HoverArea, type Mark, MarkTip, useHovering } from './hovered-mark.tsx';

interface PredictionChartProps {
  readonly name: string;
  readonly predictions: readonly PredictedNetwork[];
}

/** Beside the line on which a prediction is exact. */
const BAND = 0.1;

/** Predicted over measured latency: a point a network, the line on which a prediction is exact, ±10 % around it. */
export function PredictionChart({ name, predictions }: PredictionChartProps) {
  const hovering = useHovering();
  const most =
    1.05 * Math.max(...predictions.flatMap(({ predictedMs, measuredMs }) => [predictedMs, measuredMs]));
  const marks = predictions.map(
    (prediction): Mark => ({
      ...{ id: `${prediction.of} ${prediction.name}`, x: prediction.measuredMs, y: prediction.predictedMs },
      text: () => (
        <>
          <b>{prediction.name}</b>
          <br />
          {formatMs(prediction.predictedMs)} predicted, {formatMs(prediction.measuredMs)} measured
          <br />
          {formatPercent(prediction.error)} off
        </>
      ),
    }),
  );
  return (
    <Chart
      name={name}
      className="square"
      height={340}
      x={{ label: 'measured (ms)', domain: [0, most] }}
      y={{ label: 'predicted (ms)', domain: [0, most] }}
      records={() => [
        ['network', 'of', 'predicted_ms', 'measured_ms', 'error'],
        ...predictions.map(({ name: network, of, predictedMs, measuredMs, error }) =>
          [network, of, predictedMs, measuredMs, error].map(String),
        ),
      ]}
      aside={
        <div className="legend">
          <span className="key key-front">calibration</span>
          {predictions.some(({ of }) => of === 'trial') && <span className="key key-measured">trial</span>}
          <span className="quiet">line: exact; band: ±10 %</span>
        </div>
      }
      overlay={(scales) => <MarkTip mark={hovering.mark} scales={scales} />}
    >
      {({ x, y, ...others }) => (
        <>
          <path
            className="band"
            d={`M${x(0)} ${y(0)}L${x(most / (1 + BAND))} ${y(most)}H${x(most)}V${y(most * (1 - BAND))}Z`}
          />
          <line className="exact" x1={x(0)} y1={y(0)} x2={x(most)} y2={y(most)} />
          {predictions.map(({ name: network, of, predictedMs, measuredMs }) => (
            <circle
              key={`${of} ${network}`}
              cx={x(measuredMs)}
              cy={y(predictedMs)}
              r={4}
              className={of === 'trial' ? 'of-trial' : 'of-calibration'}
            />
          ))}
          <HoverArea marks={marks} scales={{ x, y, ...others }} hovering={hovering} />
        </>
      )}
    </Chart>
  );
}
